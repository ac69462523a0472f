"""The tool shed that all packages share: array types, errors, plug-ins, tables, statistics, folders of results.

Nothing here knows of hedges or markets, and nothing is imported ahead of need: say
`from cqkit.errors import InputError`.
"""
