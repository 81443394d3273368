"""Pictures of a decoding, made from its trace alone: no torch, no tokenizer."""
