"""The operations as Triton kernels; nothing here is imported where there is no Triton."""
