"""A reference run's numbers stay as they are, unless a change says why and renews them.

To renew: CROWDQUAKE_RENEW=1 python -m pytest tests/scenarios/test_reference_run.py
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np

from scenarios import run

STORED = Path(__file__).parent / "reference" / "quake-2007.json"
COLUMNS = ("khandani_lo", "crowded_book", "index", "volatility_index", "crowd_leverage", "flow_forced", "flow_reentry")


def test_quake_2007_gives_its_stored_figures():
    found = run("quake-2007", paths=6, seed=1, counterfactuals=False)
    main = found.daily[found.daily["run"] == "main"]
    event = found.scenario.clock.event
    week = main[main["date"].between(f"{event}", "2007-08-13")]
    figures = {
        "days": {name: week.groupby("day")[name].mean().tolist() for name in COLUMNS},
        "events": found.events.groupby(["run", "kind"], observed=True)["amount"]
        .sum()
        .unstack("kind")
        .loc["main"]
        .to_dict(),
        "desk": float(found.hedges.loc[found.hedges["run"] == "main", "hedged_pnl"].sum()),
    }
    if os.environ.get("CROWDQUAKE_RENEW"):
        STORED.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    stored = json.loads(STORED.read_text(encoding="utf-8"))
    for name in COLUMNS:
        np.testing.assert_allclose(figures["days"][name], stored["days"][name], rtol=1e-9, atol=1e-12, err_msg=name)
    for kind, amount in stored["events"].items():
        np.testing.assert_allclose(figures["events"][kind], amount, rtol=1e-9, err_msg=kind)
    np.testing.assert_allclose(figures["desk"], stored["desk"], rtol=1e-9)
