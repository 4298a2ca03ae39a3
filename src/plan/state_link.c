/* Decides how references are kept so that both ends find each other. */
#include "state_link.h"

void state_link_set(struct kong_link *link, void *owner, void *target, struct kong_link **head)
{
    if (link->target != NULL) {
        *link->previous = link->next;
        if (link->next != NULL)
            link->next->previous = link->previous;
    }
    *link = (struct kong_link){.owner = owner, .target = target};
    if (target == NULL)
        return;
    link->next = *head;
    link->previous = head;
    if (*head != NULL)
        (*head)->previous = &link->next;
    *head = link;
}
