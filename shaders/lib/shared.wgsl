// The body of matmul_shared and matmul_shared_f16, whose bindings b differ: f32() widens an element of 16 bits, and
// does nothing to others. Needs of the kernel its bindings, lib/bits, lib/product and lib/tile.

fn shared_tile(thread: Thread) {
  let lane = thread.lane;
  let columns = (p.n + TILE - 1u) / TILE;
  let strips = (p.m + TILE - 1u) / TILE;
  let g = group_index(thread);
  let t = g / (columns * strips);
  let row = (g / columns) % strips * TILE;
  let column = (g % columns) * TILE;
  let base_a = batch_offset(p.a_offset, p.a, t);
  let base_b = batch_offset(p.b_offset, p.b, t);
  // Neighbouring lanes load neighbouring elements, whichever way the operand lies.
  let a_by_row = p.a.z == 1;
  let b_by_row = p.b.z == 1;
  let i = row + tile_row(lane);
  let j = column + tile_columns(lane);
  for (var first = 0u; first == 0u || first < p.k; first += BLOCK) {
    let end = min(first + BLOCK, p.k);
    var sum = array<vec4<f32>, 4>();
    for (var k = first; k < end; k += SLICE) {
      for (var part = 0u; part < 4u; part++) {
        let e = part * LANES + lane;
        let ai = select(e / SLICE, e % TILE, a_by_row);
        let ak = select(e % SLICE, e / TILE, a_by_row);
        let a_in = row + ai < p.m && k + ak < end && t < p.batch;
        let a_at = base_a + i32(row + ai) * p.a.z + i32(k + ak) * p.a.w;
        slice_a[ak * PITCH + ai] = select(0.0f, a[select(0, a_at, a_in)], a_in);
        let bj = select(e % TILE, e / SLICE, b_by_row);
        let bk = select(e / TILE, e % SLICE, b_by_row);
        let b_in = column + bj < p.n && k + bk < end && t < p.batch;
        let b_at = base_b + i32(k + bk) * p.b.z + i32(column + bj) * p.b.w;
        slice_b[bk * PITCH + bj] = select(0.0f, f32(b[select(0, b_at, b_in)]), b_in);
      }
      add_slice(&sum, lane);
    }
    // Loops that compilers unroll: what is looked up by number would not be in registers.
    for (var r = 0u; r < 4u; r++) {
      if (t >= p.batch || i + r >= p.m) { continue; }
      let e = (t * p.m + i + r) * p.n;
      for (var c = 0u; c < 4u; c++) {
        if (j[c] < p.n) { y[e + j[c]] = element(e + j[c], j[c], first, end, sum[r][c]); }
      }
    }
  }
}
