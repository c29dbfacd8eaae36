"""A Share server for loopback: the same routes, faults and delays, with readings that are made up or recorded."""

from .accounts import Account, Region
from .calls import Call
from .clock import Clock, ShiftedClock, utc_now
from .faults import Faults, Limited
from .followers import State, Subscription
from .in_memory import MemoryConnector, in_memory
from .readings.latency import DelayedSource, UploadLatency
from .readings.made_up import MadeUpSource
from .readings.records import TRENDS, Record
from .readings.sources import ListSource, Source, SpedUpSource, TraceError, TraceSource
from .server import SERVICES, make_app
from .world import Settings, Simulator

__all__ = [
    "SERVICES",
    "TRENDS",
    "Account",
    "Call",
    "Clock",
    "DelayedSource",
    "Faults",
    "Limited",
    "ListSource",
    "MadeUpSource",
    "MemoryConnector",
    "Record",
    "Region",
    "Settings",
    "ShiftedClock",
    "Simulator",
    "Source",
    "SpedUpSource",
    "State",
    "Subscription",
    "TraceError",
    "TraceSource",
    "UploadLatency",
    "in_memory",
    "make_app",
    "utc_now",
]
