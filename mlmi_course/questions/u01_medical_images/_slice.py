"""The CT slice that ships with pydicom: what part A of the lab works on."""


def ct_slice():
    import pydicom
    from pydicom import examples

    return pydicom.dcmread(examples.get_path("ct"))
