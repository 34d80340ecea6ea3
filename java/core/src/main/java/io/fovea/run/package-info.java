/** Running a plan: {@link io.fovea.run.Session}, its workspaces, and the process-wide {@link io.fovea.run.WorkerPool}. */
package io.fovea.run;
