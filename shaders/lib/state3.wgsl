// For lib/step: the rule of an optimizer that keeps three numbers for each element, in m, v and s,
//   fn update(
//     value: vec4<f32>, grad: vec4<f32>, m: ptr<function, vec4<f32>>, v: ptr<function, vec4<f32>>,
//     s: ptr<function, vec4<f32>>,
//   ) -> vec4<f32>
// on the element at position `at` of the state, and on the four from 4·at. Each number is read and written once.

fn update_one(value: f32, grad: f32, at: u32) -> f32 {
  var own_m = vec4<f32>(m[at]);
  var own_v = vec4<f32>(v[at]);
  var own_s = vec4<f32>(s[at]);
  let updated = update(vec4<f32>(value), vec4<f32>(grad), &own_m, &own_v, &own_s);
  m[at] = own_m.x;
  v[at] = own_v.x;
  s[at] = own_s.x;
  return updated.x;
}

fn update_four(value: vec4<f32>, grad: vec4<f32>, at: u32, inside: vec4<bool>) -> vec4<f32> {
  let old_m = m4[at];
  let old_v = v4[at];
  let old_s = s4[at];
  var own_m = old_m;
  var own_v = old_v;
  var own_s = old_s;
  let updated = update(value, grad, &own_m, &own_v, &own_s);
  m4[at] = select(old_m, own_m, inside);
  v4[at] = select(old_v, own_v, inside);
  s4[at] = select(old_s, own_s, inside);
  return updated;
}
