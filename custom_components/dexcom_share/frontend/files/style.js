export const STYLE = `
:host{display:block;height:100%;--urgent_low:var(--dexcom-share-urgent-low,#9c0a2e);--low:var(--dexcom-share-low,#d32f2f);
--in_range:var(--dexcom-share-in-range,#00796b);--high:var(--dexcom-share-high,#a85c00);--urgent_high:var(--dexcom-share-urgent-high,#7b3f00)}
:host([dark]){--urgent_low:var(--dexcom-share-urgent-low,#ff5c7a);--low:var(--dexcom-share-low,#ff8a80);
--in_range:var(--dexcom-share-in-range,#4dd0b1);--high:var(--dexcom-share-high,#ffb74d);--urgent_high:var(--dexcom-share-urgent-high,#ff9e40)}
ha-card{height:100%;overflow:hidden;container-type:inline-size;color:var(--primary-text-color);display:flex;flex-direction:column}
.person{padding:14px 16px 12px;display:flex;flex-direction:column;gap:8px}.person+.person{border-top:1px solid var(--divider-color)}
.name{font-size:14px;color:var(--secondary-text-color);overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
.main{display:flex;align-items:center;gap:4px 18px;flex-wrap:wrap}
.big{display:flex;align-items:center;gap:.12em;font-size:clamp(56px,22cqi,104px);line-height:1;font-weight:600;font-variant-numeric:tabular-nums;letter-spacing:-.02em}
.arrow{width:.62em;height:.62em;flex:none}.zone-urgent_low,.zone-urgent_high{padding:.04em .14em;border-radius:.14em;color:var(--card-background-color,#fff)!important}
.zone-urgent_low{background:var(--urgent_low)}.zone-low{color:var(--low)}.zone-in_range{color:var(--in_range)}.zone-high{color:var(--high)}.zone-urgent_high{background:var(--urgent_high)}
.faded{opacity:.5}.stale{color:var(--secondary-text-color)}
.facts{display:flex;flex-direction:column;gap:2px;min-width:0}.change{font-size:clamp(20px,6cqi,28px);font-weight:600;font-variant-numeric:tabular-nums}
.word{font-weight:600;font-size:16px}.age{font-size:16px;color:var(--secondary-text-color)}.note{font-size:13px;color:var(--secondary-text-color)}
.bar{display:flex;flex-wrap:wrap;align-items:center;gap:8px 14px;padding:12px 16px;margin:-14px -16px 0;color:#fff;background:#b3261e}
.bar.of-high,.bar.of-urgent_high,.bar.of-rising_fast{background:#8a4b00}.bar.of-no_data{background:#455a64}.bar.answered{background:#5f6368}
.bar .what{font-size:20px;font-weight:700}.bar .told{flex:1 1 180px;font-size:14px}
.buttons{display:flex;flex-wrap:wrap;gap:8px}
button{font:inherit;font-size:14px;min-height:36px;padding:0 12px;border-radius:18px;border:1px solid currentColor;background:transparent;color:inherit;cursor:pointer}
.bar button{min-height:44px;border-radius:22px}.bar button.first{background:#fff;color:#222;border-color:#fff;font-weight:600}
.ranges{display:flex;gap:6px}.ranges button{border-color:var(--divider-color);color:var(--secondary-text-color);min-width:44px}
.ranges button[aria-pressed=true]{background:var(--primary-color);border-color:var(--primary-color);color:var(--text-primary-color,#fff)}
.read{min-height:20px;margin-inline-start:auto;font-size:14px;font-variant-numeric:tabular-nums;text-align:end;align-self:center}
.row{display:flex;flex-wrap:wrap;gap:6px 12px;align-items:center}
button:focus-visible,svg:focus-visible,.night:focus-visible{outline:2px solid var(--primary-color);outline-offset:2px}
svg.curve{width:100%;height:220px;display:block;touch-action:pan-y}svg.strip{width:100%;height:44px;display:block;touch-action:none;cursor:grab;background:var(--secondary-background-color);border-radius:6px}
svg text{font-size:12px;fill:var(--secondary-text-color)}svg text.strong{fill:var(--primary-text-color)}
.band{fill:var(--in_range);opacity:.11}.grid{stroke:var(--divider-color);stroke-width:1;opacity:.6}.limit{stroke-dasharray:2 3;stroke-width:1.2}
.stroke-low{stroke:var(--low)}.stroke-high{stroke:var(--high)}.now{stroke:var(--secondary-text-color);opacity:.6}
.fill-urgent_low{fill:var(--urgent_low)}.fill-low{fill:var(--low)}.fill-in_range{fill:var(--in_range)}.fill-high{fill:var(--high)}.fill-urgent_high{fill:var(--urgent_high)}
.forecast{fill:none;stroke:var(--primary-text-color);stroke-width:1.8;stroke-dasharray:4 4}circle.forecast{stroke-dasharray:none;fill:var(--card-background-color,#fff)}
.mark line{stroke:var(--secondary-text-color);stroke-dasharray:1 3}.mark text{font-size:11px;fill:var(--primary-text-color)}
.cursor{stroke:var(--primary-text-color)}.window{fill:var(--primary-color);fill-opacity:.16;stroke:var(--primary-color);stroke-width:1.5}
.night .main{flex-direction:column}.note:empty{display:none}.tile{padding:2px 12px;gap:0;line-height:1.2;height:100%;justify-content:center}.tile .big{font-size:34px}.tile .main{flex-wrap:nowrap;gap:12px}.tile .change,.tile .word{font-size:13px}.tile .facts{gap:0}.tile .age{font-size:12px}
.night{background:#000;color:#c9574a;flex:1;min-height:260px;display:flex;flex-direction:column;align-items:center;justify-content:center;gap:6px;border:6px solid #000;cursor:default;text-align:center;padding:12px}
.night .big{font-size:clamp(96px,38cqi,300px);color:inherit;background:none;padding:0}.night .zone-urgent_low,.night .zone-low{color:#ff6b5e!important}.night .zone-high,.night .zone-urgent_high{color:#e0902f!important}
.night .big.zone-in_range{color:#7d9c8e}.night .age{font-size:22px;color:#a99}.night.flash{border-color:#ff3b30;animation:flash 1s steps(2) infinite}
@keyframes flash{50%{background:#7a0000;border-color:#fff}}@media (prefers-reduced-motion:reduce){.night.flash{animation:none;background:#3a0000}}
.figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(96px,1fr));gap:10px}.figure b{display:block;font-size:26px;font-weight:600}.figure small{font-size:14px;font-weight:400}svg.profile{width:100%;display:block}.figure span,.legend{font-size:13px;color:var(--secondary-text-color)}
.stack{display:flex;height:28px;border-radius:6px;overflow:hidden;gap:1px}.legend{display:flex;flex-wrap:wrap;gap:4px 14px}.legend i{display:inline-block;width:10px;height:10px;margin-inline-end:5px;border-radius:2px}
.bg-very_low{background:var(--urgent_low)}.bg-low{background:var(--low)}.bg-in_range{background:var(--in_range)}.bg-high{background:var(--high)}.bg-very_high{background:var(--urgent_high)}
.wide{fill:var(--in_range);opacity:.16}.half{fill:var(--in_range);opacity:.32}.median{fill:none;stroke:var(--in_range);stroke-width:2.5}
.days{display:grid;grid-template-columns:repeat(auto-fill,minmax(84px,1fr));gap:8px}.day{font-size:12px;color:var(--secondary-text-color)}.day svg{width:100%;height:44px;background:var(--secondary-background-color);border-radius:4px;display:block}
h3{margin:8px 0 0;font-size:16px;font-weight:600}.empty{padding:24px 16px;color:var(--secondary-text-color)}table{border-spacing:0 4px;text-align:start}td{padding-inline-end:18px}
`;
