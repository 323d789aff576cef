// For lib/step: the rule of an optimizer that keeps one number for each element, in m,
//   fn update(value: vec4<f32>, grad: vec4<f32>, m: ptr<function, vec4<f32>>) -> vec4<f32>
// on the element at position `at` of the state, and on the four from 4·at. Each number is read and written once.

fn update_one(value: f32, grad: f32, at: u32) -> f32 {
  var own = vec4<f32>(m[at]);
  let updated = update(vec4<f32>(value), vec4<f32>(grad), &own);
  m[at] = own.x;
  return updated.x;
}

fn update_four(value: vec4<f32>, grad: vec4<f32>, at: u32, inside: vec4<bool>) -> vec4<f32> {
  let old = m4[at];
  var own = old;
  let updated = update(value, grad, &own);
  m4[at] = select(old, own, inside);
  return updated;
}
