"""The machine under the measurement: what it is, what its clocks do, which code ran on it, who may measure now."""
