"""The bundled model: its task families, its tokenizer, its training script and its weights."""
