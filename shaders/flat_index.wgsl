// Checked indices along the middle axis of a row-major [outer, limit, inner] as places in it:
// y[e] = (o·limit + index[e])·inner + c for e = (o·count + j)·inner + c. With count = size and inner = 1: y[e] =
// index[e].
// One thread per index; each is read and written once. An index outside [0, limit), or with WRAP outside [−limit,
// limit), is reported to status with its position, and its place is 0: what is launched with the places finds nothing
// wrong again.
// kernel: flat_index
// uses: index status
struct Params { size: u32, count: u32, inner: u32, limit: u32, index_offset: u32, launch_id: u32 }
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read_write> y: array<i32>;
@group(0) @binding(2) var<storage, read> index: array<i32>;
@group(0) @binding(3) var<storage, read_write> status: Status;

// 1: negative indices count from the end.
override WRAP: u32 = 0u;

@compute @workgroup_size(LANES)
fn flat_index(thread: Thread) {
  let e = thread_index(thread);
  if (e >= p.size) { return; }
  let given = index[p.index_offset + e];
  var at = given;
  if (WRAP == 1u && at < 0) { at += i32(p.limit); }
  var place = 0u;
  if (at >= 0 && u32(at) < p.limit) {
    let c = e % p.inner;
    place = (e / (p.count * p.inner) * p.limit + u32(at)) * p.inner + c;
  } else if (WRAP == 1u) {
    report_signed(p.launch_id, e, given, p.limit);
  } else {
    report(p.launch_id, e, given, p.limit);
  }
  y[e] = i32(place);
}
