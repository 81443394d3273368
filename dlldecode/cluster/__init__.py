"""Work spread over many GPUs and machines, through Ray: a pool of workers that outlives the death of any of them."""
