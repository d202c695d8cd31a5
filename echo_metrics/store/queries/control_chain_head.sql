SELECT number, digest FROM chain_head
