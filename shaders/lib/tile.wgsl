// Products in workgroup memory, for GPUs: 256 threads make 64 × 64 sums, 4 × 4 each, from slices of 16 that all have
// loaded:
// slice_a[k][i], slice_b[k][j]. An element that is loaded once is used 64 times.

const TILE = 64u;
const SLICE = 16u;
var<workgroup> slice_a: array<f32, TILE * SLICE>;
var<workgroup> slice_b: array<f32, TILE * SLICE>;

// The first row and column of a thread's 4 × 4 sums.
fn tile_row(lane: u32) -> u32 { return lane / 16u * 4u; }
fn tile_column(lane: u32) -> u32 { return lane % 16u * 4u; }

// sums[r][c] += Σₖ slice_a[k][row + r]·slice_b[k][column + c], between the barriers that slices need.
fn add_slice(sums: ptr<function, array<vec4<f32>, 4>>, lane: u32) {
  workgroupBarrier();
  for (var k = 0u; k < SLICE; k++) {
    let a = k * TILE + tile_row(lane);
    let b = k * TILE + tile_column(lane);
    let v = vec4<f32>(slice_b[b], slice_b[b + 1u], slice_b[b + 2u], slice_b[b + 3u]);
    (*sums)[0] += slice_a[a] * v;
    (*sums)[1] += slice_a[a + 1u] * v;
    (*sums)[2] += slice_a[a + 2u] * v;
    (*sums)[3] += slice_a[a + 3u] * v;
  }
  workgroupBarrier();
}
