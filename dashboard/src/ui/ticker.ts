/* One beat for everything that is drawn: messages only change the model, the beat shows it. */

const BEAT_MS = 250;

export function startTicker(draw: (nowMs: number) => void): void {
    let waiting = false;
    const beat = (): void => {
        if (waiting || document.hidden) return;
        waiting = true;
        requestAnimationFrame(() => {
            waiting = false;
            draw(Date.now());
        });
    };
    setInterval(beat, BEAT_MS);
    document.addEventListener("visibilitychange", beat);
    beat();
}
