// The status buffer: the first bad index that any launch found since the host last looked. The kernel declares it as
// its last binding, `var<storage, read_write> status: Status`; launch_id is filled by the device and names the op.

struct Status {
  // launch_id of the reporter, 0 while nothing was reported.
  launch: atomic<u32>,
  position: u32,
  index: i32,
  // Indices are good in [0, limit).
  limit: u32,
}

fn report(launch: u32, position: u32, index: i32, limit: u32) {
  loop {
    let claim = atomicCompareExchangeWeak(&status.launch, 0u, launch);
    if (claim.exchanged) {
      status.position = position;
      status.index = index;
      status.limit = limit;
    }
    // The weak exchange may fail without a reason; then the old value is still 0.
    if (claim.exchanged || claim.old_value != 0u) { break; }
  }
}
