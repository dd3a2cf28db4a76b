/* SPDX-License-Identifier: Apache-2.0 */
/* workloads.h - whether a recorded process belongs to the workloads that a policy names; a part of simulation. */
#ifndef COMPILER_WORKLOADS_H
#define COMPILER_WORKLOADS_H

#include "bpf-templates/match.h"
#include "compiler/events_json.h"
#include "compiler/policy/policy.h"

/* As section matchWorkloads of the language says; unknown when it depends on what the event does not carry. */
enum match_answer workloads_hold(const struct policy_workloads *workloads, const struct event_workload *of);

#endif
