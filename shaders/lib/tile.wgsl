// Products in workgroup memory, for GPUs: 256 threads make 64 × 64 sums, 4 × 4 each, from slices of 16 that all have
// loaded:
// slice_a[k][i], slice_b[k][j], rows of PITCH elements. An element that is loaded once is used 64 times.

const TILE = 64u;
const SLICE = 16u;
// Two more than there are: of 32 neighbours that store down a slice no two then meet in one of 32 banks.
const PITCH = TILE + 2u;
var<workgroup> slice_a: array<f32, PITCH * SLICE>;
var<workgroup> slice_b: array<f32, PITCH * SLICE>;

// The first row of a thread's 4 × 4 sums, and its columns: a quarter apart, so that neighbours read and store side by
// side.
fn tile_row(lane: u32) -> u32 { return lane / 16u * 4u; }
fn tile_columns(lane: u32) -> vec4<u32> { return lane % 16u + vec4<u32>(0u, 16u, 32u, 48u); }

// sums[r][c] += Σₖ slice_a[k][row + r]·slice_b[k][columns[c]], between the barriers that slices need.
fn add_slice(sums: ptr<function, array<vec4<f32>, 4>>, lane: u32) {
  workgroupBarrier();
  for (var k = 0u; k < SLICE; k++) {
    let a = k * PITCH + tile_row(lane);
    let b = k * PITCH + tile_columns(lane);
    let v = vec4<f32>(slice_b[b.x], slice_b[b.y], slice_b[b.z], slice_b[b.w]);
    (*sums)[0] += slice_a[a] * v;
    (*sums)[1] += slice_a[a + 1u] * v;
    (*sums)[2] += slice_a[a + 2u] * v;
    (*sums)[3] += slice_a[a + 3u] * v;
  }
  workgroupBarrier();
}
