"""What labels and scores are: arrays, one element a row."""

import numpy as np
from numpy.typing import NDArray

Labels = NDArray[np.int8]  # 0 or 1, shape (rows,)
Scores = NDArray[np.float64]  # probability of class 1, shape (rows,)
Counts = NDArray[np.float64]  # rows of each bin, shape (bins,)
