"""The example model: will a flight from New York City arrive more than 15 minutes late?

A fork replaces this folder. Known is what is known before departure: schedule, route, carrier, plane, and the
weather of the hour at the origin.
"""

from flights.model import Flights

MODEL = Flights()
