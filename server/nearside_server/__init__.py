"""Nearside's server side: builds the site, serves it, and runs the evaluations."""

from nearside import __version__ as __version__
