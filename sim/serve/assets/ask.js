// What the page asks of the program: always by POST with JSON, from this page.

export async function ask(path, body, keepalive = false) {
  const answer = await fetch(path, {
    method: "POST",
    keepalive,
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  if (answer.status === 422) return answer.json();
  if (!answer.ok) throw new Error((await answer.text()).trim());
  return answer.json();
}

export async function rows() {
  const answer = await fetch("/tried");
  if (!answer.ok) throw new Error((await answer.text()).trim());
  return answer.json();
}

// A line of JSON for everything that is said of a move, until all is said or the signal ends it.
export async function* lines(path, body, signal) {
  const answer = await fetch(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
    signal,
  });
  if (!answer.ok) throw new Error((await answer.text()).trim());
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    rest += value;
    const whole = rest.split("\n");
    rest = whole.pop();
    for (const line of whole) yield JSON.parse(line);
  }
}
