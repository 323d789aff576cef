// For lib/step: the rule of an optimizer without state,
//   fn update(value: vec4<f32>, grad: vec4<f32>) -> vec4<f32>
// on one element and on four. Lanes that nobody reads cost nothing: compilers drop them.

fn update_one(value: f32, grad: f32, at: u32) -> f32 {
  return update(vec4<f32>(value), vec4<f32>(grad)).x;
}

fn update_four(value: vec4<f32>, grad: vec4<f32>, at: u32, inside: vec4<bool>) -> vec4<f32> {
  return update(value, grad);
}
