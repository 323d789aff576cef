// Finds integers that are outside of [low, high]; writes nothing but reports, by the override KIND what they are. With
// RISING = 1 the first is `low`, and none is below the one before it. One thread per integer.
// kernel: bounds
// uses: index status
// consts: status
struct Params { size: u32, start: u32, low: i32, high: i32, x_offset: u32, launch_id: u32 }
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> x: array<i32>;
@group(0) @binding(2) var<storage, read_write> status: Status;

// What is reported, with its place from `start` on, and `high`: where a bag begins, how often a slice is repeated, the
// sum of the repeats, how often a mask is true.
const OFFSET = 4u;
const REPEAT = 5u;
const REPEATS = 6u;
const TAKEN = 7u;
override KIND: u32 = OFFSET;
override RISING: u32 = 0u;

@compute @workgroup_size(LANES)
fn bounds(thread: Thread) {
  let e = thread_index(thread);
  if (e >= p.size) { return; }
  let value = x[p.x_offset + e];
  var low = p.low;
  var high = p.high;
  if (RISING == 1u) {
    if (e == 0u) { high = low; } else { low = max(low, x[p.x_offset + e - 1u]); }
  }
  if (value < low || value > high) { report_as(KIND, p.launch_id, p.start + e, value, u32(p.high), low); }
}
