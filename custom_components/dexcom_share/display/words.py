"""States and attribute values in words, the same wherever they are shown."""

from typing import Final

from ..share import Trend

# The names of Home Assistant's own `dexcom`, and two more that the wire knows.
TREND_STATES: Final = {
    Trend.DOUBLE_UP: "rising_quickly",
    Trend.SINGLE_UP: "rising",
    Trend.FORTY_FIVE_UP: "rising_slightly",
    Trend.FLAT: "steady",
    Trend.FORTY_FIVE_DOWN: "falling_slightly",
    Trend.SINGLE_DOWN: "falling",
    Trend.DOUBLE_DOWN: "falling_quickly",
    Trend.NOT_COMPUTABLE: "not_computable",
    Trend.RATE_OUT_OF_RANGE: "rate_out_of_range",
}
