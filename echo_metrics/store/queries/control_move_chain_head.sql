UPDATE chain_head SET number = $number, digest = $digest
