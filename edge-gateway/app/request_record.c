/* The answer to `record`: which recording what happens now will be in. */
#include "edge-gateway/app/dash_cam.h"
#include "edge-gateway/app/request_answer_parts.h"

#include <errno.h>
#include <string.h>

int request_record(struct request_answer *answer)
{
    struct payload_recording_begun begun;
    dash_cam_trigger(answer->room->dash_cam, NULL, "request", &begun);
    answer->path = strdup(begun.path); /* the other one is the dash-cam's, and may change */
    begun.path = answer->path;
    answer->recording = begun;
    return answer->path != NULL ? 0 : -ENOMEM;
}

int request_fill_record(struct request_answer *answer, bool begins, enum responder_step *ret_step)
{
    (void)begins;
    payload_recording_begun_members(&answer->w, &answer->recording);
    *ret_step = RESPONDER_LAST_CHUNK;
    return 0;
}
