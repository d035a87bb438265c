"""Events to other servers: webhooks, bots and what a push service needs."""
