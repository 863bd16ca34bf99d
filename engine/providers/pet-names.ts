import { randomInt } from "node:crypto";

const ADVERBS =
  "barely,boldly,briefly,calmly,clearly,deeply,easily,fairly,freely,gently,gladly,hugely,kindly,largely,lightly,mildly,mostly,neatly,nicely,openly,partly,plainly,quickly,quietly,rarely,readily,really,safely,simply,slowly,softly,solely,surely,swiftly,truly,vastly,warmly,widely,wisely,yearly";
const ADJECTIVES =
  "able,alert,amber,apt,bold,brave,bright,brisk,calm,clean,clear,clever,cool,crisp,daring,deep,eager,equal,exact,fair,fast,fine,firm,fleet,fond,free,fresh,glad,golden,good,grand,great,happy,hardy,humble,ideal,jolly,keen,kind,large,light,live,loyal,lucky,merry,mild,modest,neat,nice,noble,open,polite,proud,pure,quick,quiet,rapid,rare,ready,right,robust,royal,sharp,shy,simple,sincere,smart,smooth,solid,stable,steady,still,strong,sunny,super,sure,sweet,swift,tender,tidy,true,upright,valid,vast,vital,vivid,warm,wired,wise,witty,young";
const ANIMALS =
  "alpaca,anteater,antelope,badger,barnacle,bat,bear,beetle,bird,bison,boar,buffalo,camel,caribou,cat,cheetah,chicken,cobra,condor,cow,coyote,crab,crane,cricket,deer,dog,dolphin,donkey,dove,dragon,duck,eagle,eel,egret,elephant,elk,falcon,ferret,finch,fish,fox,frog,gazelle,gecko,gibbon,giraffe,goat,goose,gopher,grouse,gull,hamster,hare,hawk,hedgehog,heron,hippo,horse,hyena,ibex,iguana,impala,jackal,jaguar,jay,kangaroo,kite,kiwi,koala,lark,lemur,leopard,lion,lizard,llama,lobster,lynx,macaw,magpie,mallard,marmot,marten,mink,mole,monkey,moose,moth,mouse,mule,newt,ocelot,octopus,oriole,osprey,ostrich,otter,owl,ox,oyster,panda,panther,parrot,pelican,penguin,perch,pigeon,pony,puma,python,quail,rabbit,raccoon,raven,robin,rooster,salmon,seal,shark,sheep,shrew,skunk,sloth,snail,snake,sparrow,spider,squid,stork,swan,tapir,tiger,toad,trout,turkey,turtle,viper,vole,walrus,wasp,weasel,whale,wolf,wombat,wren,yak,zebra";

/** Words as the provider orders them: adverbs, one adjective, one animal. */
export function petName(length: number): string[] {
  return Array.from({ length }, (_, index) => {
    if (index === length - 1) return word(ANIMALS);
    return word(index === length - 2 ? ADJECTIVES : ADVERBS);
  });
}

function word(words: string): string {
  const choices = words.split(",");
  return choices[randomInt(choices.length)] as string;
}
