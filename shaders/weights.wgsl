// Finds what nothing can be drawn by; writes nothing but reports. A weight that is not a finite number from 0 up; and
// by `of_row`, one number for each row of `cols` weights: a sum that is 0, or +∞ though no weight is; with COUNTS = 1
// fewer weights above 0 than `draws`.
// One thread per weight, which is read once; the first `rows` of them look at a row's number too.
// kernel: weights
// uses: index bits status
struct Params { size: u32, rows: u32, cols: u32, draws: u32, x_offset: u32, row_offset: u32, launch_id: u32 }
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> x: array<u32>;
@group(0) @binding(2) var<storage, read> of_row: array<u32>;
@group(0) @binding(3) var<storage, read_write> status: Status;

override COUNTS: u32 = 0u;

// What is reported: a weight with its place; a row with its sum, or with how many weights are above 0.
const WEIGHT = 1u;
const TOTAL = 2u;
const FEW = 3u;

// NaN, +∞, and all below −0.
fn is_bad(weight: u32) -> bool { return weight >= INF_BITS && weight != 0x80000000u; }

// Whether a row's number is not the fault of a bad weight, which is reported itself.
fn weights_are_good(row: u32) -> bool {
  for (var c = 0u; c < p.cols; c++) {
    if (is_bad(x[p.x_offset + row * p.cols + c])) { return false; }
  }
  return true;
}

@compute @workgroup_size(LANES)
fn weights(thread: Thread) {
  let e = thread_index(thread);
  if (e >= p.size) { return; }
  let weight = x[p.x_offset + e];
  if (is_bad(weight)) { report_as(WEIGHT, p.launch_id, e, bitcast<i32>(weight), p.cols, 0); }
  if (e >= p.rows) { return; }
  let number = of_row[p.row_offset + e];
  if (COUNTS == 1u) {
    if (number < p.draws && weights_are_good(e)) {
      report_as(FEW, p.launch_id, e, bitcast<i32>(f32(number)), p.draws, 0);
    }
  } else if ((number == 0u || number == INF_BITS) && weights_are_good(e)) {
    report_as(TOTAL, p.launch_id, e, bitcast<i32>(number), p.cols, 0);
  }
}
