// The status buffer: the first thing wrong in its input, such as a bad index, that any launch found since the host last
// looked. The kernel declares it as its last binding, `var<storage, read_write> status: Status`; launch_id is filled by
// the device and names the op. What is reported in words is in src/core/reports.ts.

struct Status {
  // launch_id of the reporter, 0 while nothing was reported.
  launch: atomic<u32>,
  position: u32,
  // The index, or another integer; of what is wrong with weights the bits of a float.
  value: i32,
  // An index is good in [low, limit); low is −limit where negative ones count from the end, else 0.
  limit: u32,
  // 0: an index.
  kind: u32,
  low: i32,
}

// The kind of a length of keys that is below 0, or above `limit`, how many there are.
const LENGTH = 9u;

// An index outside [0, limit).
fn report(launch: u32, position: u32, index: i32, limit: u32) {
  report_as(0u, launch, position, index, limit, 0);
}

// An index outside [−limit, limit).
fn report_signed(launch: u32, position: u32, index: i32, limit: u32) {
  report_as(0u, launch, position, index, limit, -i32(limit));
}

fn report_as(kind: u32, launch: u32, position: u32, value: i32, limit: u32, low: i32) {
  loop {
    let claim = atomicCompareExchangeWeak(&status.launch, 0u, launch);
    if (claim.exchanged) {
      status.position = position;
      status.value = value;
      status.limit = limit;
      status.kind = kind;
      status.low = low;
    }
    // The weak exchange may fail without a reason; then the old value is still 0.
    if (claim.exchanged || claim.old_value != 0u) { break; }
  }
}
