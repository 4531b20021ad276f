import { describe, expect, test } from "vitest";
import { nvidiaUse, useByElimination, useFromPmon } from "./nvidia.ts";
import type { RunTool } from "./run-tool.ts";

const HEAD = `# gpu         pid   type     sm    mem    enc    dec    jpg    ofa    command 
# Idx           #    C/G      %      %      %      %      %      %    name 
`;
const OLD_HEAD = `# gpu        pid  type    sm   mem   enc   dec   command
# Idx          #   C/G     %     %     %     %   name
`;

describe("nvidia-smi pmon", () => {
  test.each<[string, string, object | undefined]>([
    [
      "nothing runs",
      `${HEAD}    0          -     -      -      -      -      -      -      -    -              \n`,
      { percent: 0 },
    ],
    [
      "Ollama's own programs do not count",
      `${HEAD}    0       1201     C     97     40      -      -      -      -    ollama         
    0       1202     C     50     40      -      -      -      -    /usr/lib/ollama/llama-server
    0       1203     C     50     40      -      -      -      -    ollama_llama_se
`,
      { percent: 0 },
    ],
    [
      "the others of one GPU add up, and the one that uses most is named; a dash is nothing",
      `${HEAD}    0       1201     C     60     40      -      -      -      -    ollama         
    0       2001     G     12      3      -      -      -      -    Xorg           
    0       2002   C+G     31      9      -      -      -      -    blender        
    0       2003     G      -      -      -      -      -      -    firefox        
`,
      { percent: 43, program: "blender" },
    ],
    [
      "of several GPUs the one that is used most",
      `${HEAD}    0       2001     G     30      3      -      -      -      -    one            
    1       2002     G     40      3      -      -      -      -    two words      
`,
      { percent: 40, program: "two words" },
    ],
    [
      "an older driver's columns",
      `${OLD_HEAD}    0       2001     G    30     3     -     -   /opt/game/bin/game\n`,
      { percent: 30, program: "game" },
    ],
    [
      "more than all of it is all of it",
      `${HEAD}0 1 G 80 1 - - - - a\n0 2 G 70 1 - - - - b\n`,
      { percent: 100, program: "a" },
    ],
    [
      "programs run, and nobody measures them",
      `${HEAD}    0       2001   C+G      -      -      -      -      -      -    game.exe\n`,
      undefined,
    ],
    ["another text", "Not supported on this device\n", undefined],
    ["nothing at all", "", undefined],
  ])("%s", (_, output, expected) => {
    expect(useFromPmon(output)).toEqual(expected);
  });
});

describe("where programs are not measured", () => {
  test.each<[string, string, string, object | undefined]>([
    ["a GPU without Ollama is used by others", "GPU-a, 70\n", "GPU-a, /usr/bin/blender\n", { percent: 70 }],
    ["one that nobody computes on, too", "GPU-a, 70\n", "", { percent: 70 }],
    ["one with Ollama may be busy with that", "GPU-a, 70\n", "GPU-a, C:\\Users\\me\\ollama.exe\n", undefined],
    [
      "one with a program that is hidden may be Ollama's",
      "GPU-a, 70\n",
      "GPU-a, [Insufficient Permissions]\n",
      undefined,
    ],
    ["an idle one is used by nobody", "GPU-a, 0\n", "GPU-a, ollama\n", { percent: 0 }],
    ["of two the one that is known", "GPU-a, 90\r\nGPU-b, 20\r\n", "GPU-a, ollama\r\n", { percent: 20 }],
    ["what is not supported is not known", "GPU-a, [N/A]\n", "", undefined],
  ])("%s", (_, gpus, apps, expected) => {
    expect(useByElimination(gpus, apps)).toEqual(expected);
  });

  test("the driver is asked for what there is", async () => {
    const asked: string[] = [];
    const run: RunTool = async (_command, args) => {
      asked.push(args[0] ?? "");
      if (args[0] === "pmon") return undefined;
      return args[0]?.startsWith("--query-gpu") ? "GPU-a, 55\n" : "";
    };
    expect(await nvidiaUse(run)).toEqual({ percent: 55 });
    expect(asked).toEqual([
      "pmon",
      "--query-gpu=uuid,utilization.gpu",
      "--query-compute-apps=gpu_uuid,process_name",
    ]);
    expect(await nvidiaUse(async () => undefined)).toBeUndefined();
  });
});
