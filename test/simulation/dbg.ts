import { SimMember } from './sim-member.ts';
import { World } from './world.ts';
import { plan, CHAOS_MS, beginRecovery } from './faults.ts';
import { LyingMember } from './lying-member.ts';
import { toHex } from '#ledger/primitives/bytes.ts';
const seed=Number(process.argv[2]); const faults:any=process.argv[3]!.split(','); const liar=Number(process.argv[4]??0);
const from=Number(process.argv[5]??0), to=Number(process.argv[6]??1e9);
const liars=new Set(liar?[liar]:[]);
const sh=(o:any)=>JSON.stringify(o,(k,v)=>v instanceof Uint8Array?toHex(v).slice(0,8):typeof v==='bigint'?Number(v):v instanceof Map?[...v]:v instanceof Set?[...v]:(k==='config'||k==='envs'||k==='entries'||k==='sigs'||k==='limits')?(v.length??v.epoch):k==='header'&&v?.chain?'H'+v.height+'e'+v.epoch+'@'+Number(v.sealedAt%1000000n):v);
const w=new World(seed,liars,(a,id)=>{const m=liars.has(id)?new LyingMember(a,id):new SimMember(a,id); const t=m.take.bind(m); m.take=(e:any)=>{ if(w.timeline.now>=from&&w.timeline.now<=to&&e.kind!=='tick'&&m.isUp&&!(process.env.SKIP??'').split(',').includes(e.kind==='message'?e.body.kind:e.kind)) process.stdout.write(`${w.timeline.now} ${id} ${e.kind==='message'?'<'+e.from+' '+sh(e.body).slice(0,260):sh(e).slice(0,260)}\n`); t(e); }; return m;});
for (const m of w.members.values()) m.start();
plan(w,new Set(faults));
for (let at=200; at<CHAOS_MS; at+=250) w.timeline.after(at,()=>w.submitSomething());
try { w.timeline.runUntil(Number(process.argv[7]??CHAOS_MS+1)); } catch(e) { console.log(String(e)); }
const until=Number(process.env.HEAL??0);
if (until) { for (let i=0;i<Number(process.env.N??2);i++){ if(i>0) beginRecovery(w); const end=w.timeline.now+until; while(w.timeline.now<end){w.submitSomething(); w.timeline.runUntil(w.timeline.now+500);} 
for (const m of w.members.values()) { const s=m.state; if(s) console.log(m.id, 'tip',m.tip.height,'e',s.round.epoch,'floor',s.floorEpoch,s.standing.kind,'quiet',s.quietUntil,s.leading.kind,'target',s.catchUp.target,'q',s.catchUp.queue.length,'el',m.moment().elapsed,'lead',sh(s.leading).slice(0,200),'sealing',sh(s.sealing),'cert',s.round.certifying!==null,s.round.isStoring,'seals',[...s.seals.keys()].join(), 'hs', s.round.highestSet?.term, 'acc',s.accepting!==null, 'bodies',s.round.bodies.size,[...m.alerts].join(' ')); } } }
