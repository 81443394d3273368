"""What a layer is made of, once in plain torch and once as Triton kernels; `choose` says which one a device takes."""
