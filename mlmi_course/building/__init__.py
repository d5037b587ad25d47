"""From the course's plain-text sources to its notebooks.

=================  ===========================================================================
module             what it does
=================  ===========================================================================
``findings``       what authors are told: one line with a path, a line number and a message
``course``         reads ``course.toml`` and each ``unit.toml`` into typed, frozen objects
``source``         reads ``lecture.py`` and ``lab.py`` into cells that know their line numbers
``regions``        solution regions: finds them, blanks them, drops their markers
``lab``            what must not run before it is written, which questions a lab asks
``code``           tokens, names and hashes of code that are the same on every Python
``headers``        the generated first cells of a notebook
``notebooks``      cells to ``.ipynb`` text, byte for byte the same everywhere
``outputs``        stored outputs: carried over, stale or missing
``execution``      runs a notebook and collects what its tagged cells print
``leaks``          finds solutions that stayed visible in an exercise
``rules``          the notebook contract, one small rule at a time
``contract``       applies the rules to a unit, and honours waivers
``passages``       tables of README and syllabus, from each unit.toml
``environment``    ``environment.yml`` from ``pyproject.toml``
``build``          puts all of this together: the generated files as a mapping in memory
``files``          compares that mapping with the disk, and writes it
``new_unit``       the skeleton of a new unit
=================  ===========================================================================

Nothing in the rest of the package imports this one.  It needs the extra ``author``.
"""
