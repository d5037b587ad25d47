"""Data sets of the course.

Sets that ship with a library (pydicom's examples, nilearn's MNI152, scikit-learn's tables) are
loaded through that library; what is here is what no library holds.
"""

from mlmi_course.data.archives import load_tcia_tcga

__all__ = ["load_tcia_tcga"]
