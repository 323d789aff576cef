// What the files of attention.wgsl share. Needs lib/attention, lib/status.

// The same as keys_in(), by the thread of query i; that of the first one reports a length that is none.
fn keys_told(t: u32, i: u32) -> u32 {
  if (p.ragged == 1u && i == 0u && t < p.batch) {
    let at = of_queries(p.lengths_at, t);
    let given = lengths[u32(at)];
    if (given < 0 || given > i32(p.cols)) {
      report_as(LENGTH, p.launch_id, u32(at - p.lengths_at.x), given, p.cols, 0);
    }
  }
  return keys_in(t);
}

// What the sums of a row are divided by, as a factor; 0 for a row without keys.
fn norm(sum: f32) -> f32 {
  return select(1.0f / sum, 0.0f, sum == 0.0f);
}
