"""What programs ask, in the words of the relays' own API: no second way to draw, only another door.

bearer  who asks            bodies  what is asked          waiting  until it is there
views   the addresses       answers what is answered       errors   what went wrong
"""
