import { runContainer } from './run-container.ts'; import { Steps } from './steps.ts'; 
const s=new Steps();  s.add(runContainer(process.argv.slice(2))); s.close();
