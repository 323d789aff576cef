// Sums of blocks of 256 numbers. Each workgroup halves its block until one number is left.
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> sums: array<f32>;
var<workgroup> part: array<f32, 256>;

@compute @workgroup_size(256)
fn block_sum(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  part[lane] = x[group.x * 256u + lane];
  for (var half = 128u; half > 0u; half /= 2u) {
    if (lane < half) { part[lane] += part[lane + half]; }
  }
  if (lane == 0u) { sums[group.x] = part[0]; }
}
