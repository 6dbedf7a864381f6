"""The demo shop's photo studio (development only): label art, shapes, lights and the renders made of them."""
