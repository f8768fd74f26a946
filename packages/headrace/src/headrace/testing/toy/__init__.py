"""A model of one small table, so that the library is tested without the example."""

from .model import Toy

MODEL = Toy()
