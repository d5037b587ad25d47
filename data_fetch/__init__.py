"""Downloads of public data sets.  Imports nothing of ``mlmi_course``."""
