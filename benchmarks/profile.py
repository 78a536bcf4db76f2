"""Where our time goes: the operations of one call, longest first."""

from collections.abc import Sequence

from torch.profiler import ProfilerActivity
from torch.profiler import profile as profiler

from .case import Entry, NotHereError, Setting

ROWS = 12


def profile(wanted: Sequence[Entry], setting: Setting) -> int:
    """Print, for every timed case, the operations that our side spends its own time on."""
    activities = [ProfilerActivity.CPU]
    if setting.device.type == "cuda":
        activities.append(ProfilerActivity.CUDA)
    for entry in wanted:
        try:
            case = entry.make(setting)
        except NotHereError as missing:
            print(f"{entry.name}: left out: {missing}")
            continue
        if case.unit == "B":
            continue
        for _ in range(2):
            case.ours()
        with profiler(activities=activities) as record:
            case.ours()
        order = "self_cuda_time_total" if setting.device.type == "cuda" else "self_cpu_time_total"
        print(f"\n{entry.name}: {entry.title}")
        print(record.key_averages().table(sort_by=order, row_limit=ROWS, max_name_column_width=40))
    return 0
