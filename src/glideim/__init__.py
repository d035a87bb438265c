"""GlideIM: a high-performance instant-messaging server and its Python SDK."""

__version__ = "2.0.0.dev0"
