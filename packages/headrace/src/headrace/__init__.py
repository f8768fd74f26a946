"""The template's runtime library: what jobs need, and nothing of AWS."""

import os

# The threads of XGBoost and scikit-learn wait for each other many times a second. By default they spin, and where
# another process wants a core each wait lasts a time slice: the example then trains in 57 s instead of 18 s.
# OpenMP reads this once, when the first of the two is imported, so it stands here.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
