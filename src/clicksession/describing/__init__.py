"""`describe`: what a log holds, before anything is made of it."""

from clicksession.describing.description import Column, Description
from clicksession.describing.guessing import Guess
from clicksession.describing.looking import describe

__all__ = ["Column", "Description", "Guess", "describe"]
