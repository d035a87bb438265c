"""Protobuf: the generated classes of spec/glide.proto and the converters between them and the records."""
