// Sums an array: every workgroup reduces its block in shared memory and writes one partial sum.
override WG: u32 = 128u;

@group(0) @binding(0) var<storage, read> input: array<f32>;
@group(0) @binding(1) var<storage, read_write> partials: array<f32>;

var<workgroup> scratch: array<f32, WG>;

@compute @workgroup_size(WG)
fn block_sum(
  @builtin(local_invocation_id) lid: vec3<u32>,
  @builtin(workgroup_id) wid: vec3<u32>,
) {
  let i = wid.x * WG + lid.x;
  scratch[lid.x] = select(0.0, input[i], i < arrayLength(&input));
  workgroupBarrier();
  for (var stride = WG / 2u; stride > 0u; stride = stride >> 1u) {
    if (lid.x < stride) {
      scratch[lid.x] += scratch[lid.x + stride];
    }
    workgroupBarrier();
  }
  if (lid.x == 0u) {
    partials[wid.x] = scratch[0];
  }
}
