"""The built-in relay: it speaks the relays' dialects over real HTTP and paints without a key, a network or an AI.

`urls` mounts it; `dialects`, with a module for each of them, knows what they accept and answer; `faults` reads the
words that order a failure; `store` keeps the pictures until their links die; `ledger` writes down what was asked and
sent; and `painter` paints.
"""
