// Atomic additions a second.
//
//   contended:  y[0]      ← y[0] + 1 or 2,       all threads the same one
//   spread:     y[thread] ← y[thread] + 1 or 2,  each its own, neighbours side by side
//
// Even lanes add 1, odd ones 2, so that no compiler makes one addition out of those of a subgroup. 8 · rounds additions
// a thread.
override LANES: u32 = 64;

@group(0) @binding(0) var<storage, read_write> y: array<atomic<u32>>;
// rounds
@group(0) @binding(1) var<storage, read> p: array<u32>;

fn add(at: u32, lane: u32) {
  let value = 1u + (lane & 1u);
  let rounds = p[0];
  for (var r = 0u; r < rounds; r++) {
    atomicAdd(&y[at], value); atomicAdd(&y[at], value); atomicAdd(&y[at], value); atomicAdd(&y[at], value);
    atomicAdd(&y[at], value); atomicAdd(&y[at], value); atomicAdd(&y[at], value); atomicAdd(&y[at], value);
  }
}

@compute @workgroup_size(LANES)
fn contended(@builtin(local_invocation_index) lane: u32) {
  add(0u, lane);
}

@compute @workgroup_size(LANES)
fn spread(@builtin(global_invocation_id) id: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  add(id.x, lane);
}
