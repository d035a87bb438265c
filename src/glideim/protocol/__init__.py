"""The wire core of protocol 2: records, codecs, framing, states and limits. No I/O, no clock, no randomness."""
